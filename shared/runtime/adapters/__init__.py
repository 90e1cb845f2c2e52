"""The ports' adapters: real ones for RabbitMQ and MongoDB, and ones in memory for the simulation."""
