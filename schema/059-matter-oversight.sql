ALTER TABLE matter
    ADD KEY matter_person (person_id, id),
    ADD KEY matter_closed (closed_at, state, item, opened_at),
    ADD KEY matter_item (item, id)
