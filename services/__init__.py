"""The four deployables of Tandem; no service imports another."""
