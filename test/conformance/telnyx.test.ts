import { conforms } from "./run.ts";
import { SUBJECTS } from "./subjects.ts";

conforms("Telnyx", SUBJECTS.Telnyx);
