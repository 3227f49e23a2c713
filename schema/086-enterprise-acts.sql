ALTER TABLE enterprise
    ADD acts INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'grows with each lock of the firm for its legal representative: as in person'
