"""The optimal assignment of bidders to objects: arrays in, arrays out; nothing here knows of people or messages."""
