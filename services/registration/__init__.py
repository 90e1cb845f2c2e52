"""Registration: programmes, the topic catalogue, people and their contacts."""
