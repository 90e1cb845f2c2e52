"""A plan as a page for people: from all tandems to one in a click, without network."""
