"""The page of a round: who meets whom and why, in German and English, in one file that loads nothing."""
