CREATE TABLE form_box (
    matter_id  BIGINT UNSIGNED NOT NULL,
    box_left   INT UNSIGNED NOT NULL COMMENT 'hundredths of a point from the lower left corner of the page',
    box_bottom INT UNSIGNED NOT NULL,
    box_right  INT UNSIGNED NOT NULL,
    box_top    INT UNSIGNED NOT NULL,
    PRIMARY KEY (matter_id),
    CONSTRAINT form_box_matter FOREIGN KEY (matter_id) REFERENCES matter (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'where on its form the firm signs'
