"""Payloads judged before they are sent: by the rules that need no store, each with the place to look."""
