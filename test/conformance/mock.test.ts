import { mockSubject } from "../emulator/mock/world.ts";
import { conforms } from "./run.ts";

conforms("The mock carrier", mockSubject);
