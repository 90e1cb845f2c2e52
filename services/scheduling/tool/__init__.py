"""The planner as a tool on files: `tandem plan`. Nothing of the service imports it."""
