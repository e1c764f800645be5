"""Choosing advertisers before launch: suitability, chances, plan."""
