ALTER TABLE paper_certificate
    DROP KEY paper_certificate_person,
    ADD KEY paper_certificate_person (person_id, certificate_id, id)
