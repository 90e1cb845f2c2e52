"""One reader for all spreadsheets of people: the sheet, its cells, its columns, and the template to fill in."""
