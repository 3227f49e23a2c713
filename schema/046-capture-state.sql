ALTER TABLE identity_capture
    ADD state ENUM('taken', 'waiting', 'refused') NOT NULL DEFAULT 'taken'
        COMMENT 'waiting for the second look of another clerk, or refused by it'
