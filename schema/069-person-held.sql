ALTER TABLE person
    ADD held BOOLEAN NOT NULL DEFAULT FALSE COMMENT 'a row of hold is there: what the rules look at first'
