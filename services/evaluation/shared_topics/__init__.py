"""Shared topics (S17): tandems that work on the same in several departments are found, asked, and introduced."""
