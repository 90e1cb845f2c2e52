"""Invitations as calendars read them (iCalendar), and the answers to them."""
