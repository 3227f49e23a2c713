CREATE TABLE task (
    matter_id BIGINT UNSIGNED NOT NULL COMMENT 'a matter whose certificates are taken one by one',
    run_at    DATETIME(3) NOT NULL COMMENT 'not before; under a lease its end',
    PRIMARY KEY (matter_id),
    KEY task_queue (run_at, matter_id),
    CONSTRAINT task_matter FOREIGN KEY (matter_id) REFERENCES matter (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_bin
