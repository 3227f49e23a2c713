ALTER TABLE matter_certificate
    ADD tries TINYINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'of one that waits: in vain so far, alone',
    ADD try_at DATETIME(3) NULL COMMENT 'of one that waits: not before'
