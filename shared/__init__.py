"""What every Tandem service shares: contracts, the engine, local servers and the command line."""
