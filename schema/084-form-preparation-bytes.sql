ALTER TABLE form_preparation
    ADD COLUMN appended  MEDIUMBLOB NULL COMMENT 'to the form, as it is signed, the signature''s place empty; NULL: it is made again',
    ADD COLUMN hole      INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'where in the whole file this place is',
    ADD COLUMN hole_size INT UNSIGNED NOT NULL DEFAULT 0;
