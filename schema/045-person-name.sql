ALTER TABLE person
    ADD KEY person_name (name, id)
