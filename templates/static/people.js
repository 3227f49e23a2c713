/* The reader fills in the forms of people. */
import { reader } from "./reader.js";

function put(name, value) {
  document.querySelectorAll(`main form [name="${name}"]`).forEach((field) => {
    if (field.type === "hidden") return;
    if (field.type === "radio") field.checked = field.value === value;
    else field.value = value;
  });
}

reader((card) => {
  put("id_type", card.id_type);
  put("id_no", card.id_no);
  if (!document.querySelector("[data-person]")) return;
  put("name", card.name);
  put("sex", card.sex);
  put("birth", card.birth);
});
