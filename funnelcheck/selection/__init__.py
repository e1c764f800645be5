"""Which advertisers to choose before a launch, and how sure that choice can be; pure."""
