"""People of a spreadsheet, registered: looked at row by row, then sent as the office's commands."""
