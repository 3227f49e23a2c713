ALTER TABLE task
    ADD size SMALLINT UNSIGNED NOT NULL DEFAULT 50 COMMENT 'most certificates of the next batch: fewer while one in conflict is looked for'
