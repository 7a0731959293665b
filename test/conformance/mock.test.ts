import { conforms } from "./run.ts";
import { SUBJECTS } from "./subjects.ts";

conforms("The mock carrier", SUBJECTS["The mock carrier"]);
