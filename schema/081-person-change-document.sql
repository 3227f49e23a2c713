ALTER TABLE person_change
    ADD before_id_type CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NULL AFTER after_text,
    ADD before_id_hash BINARY(32) NULL COMMENT 'document that was wrong: an import makes nobody of it' AFTER before_id_type
