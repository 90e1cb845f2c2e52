"""The report as a tool on files: `tandem report`. Nothing of the service imports it."""
