import { conforms } from "./run.ts";
import { SUBJECTS } from "./subjects.ts";

conforms("Twilio", SUBJECTS.Twilio);
