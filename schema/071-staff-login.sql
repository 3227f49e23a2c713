ALTER TABLE staff
    ADD COLUMN password_hash VARCHAR(160) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'Argon2id, with its parameters',
    ADD COLUMN password_at DATETIME(3) NULL,
    ADD COLUMN code_hash BINARY(32) NULL COMMENT 'keyed hash of the code that sets the account up',
    ADD COLUMN code_expires_at DATETIME(3) NULL,
    ADD COLUMN login_at DATETIME(3) NULL COMMENT 'the last one'
