INSERT INTO counter (name, value) VALUES ('import.undo', 0)
