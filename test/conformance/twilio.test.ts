import { twilioSubject } from "../emulator/twilio/world.ts";
import { conforms } from "./run.ts";

conforms("Twilio", twilioSubject);
