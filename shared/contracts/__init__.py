"""The published language: every command and event, one module an owner. Imports nothing of ours."""
