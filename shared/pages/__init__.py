"""Pages for people in one file each, in German and English: what all of them share, and how one is made."""
