"""The match as a tool on files: `tandem match` and `tandem sample`. Nothing of the service imports it."""
