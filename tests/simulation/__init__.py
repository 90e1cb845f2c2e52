"""The engine under faults: real tables on the adapters in memory, under a seed."""
