/** `CallStatus` as webhooks write it. */
export type CallStatus =
  | "queued"
  | "ringing"
  | "in-progress"
  | "completed"
  | "busy"
  | "failed"
  | "timeout"
  | "no-answer"
  | "cancel";

/** `HangupSource`. */
export type HangupSource = "Caller" | "Callee" | "Plivo" | "Carrier" | "API Request" | "Answer XML" | "Error";

export interface Cause {
  /** `HangupCauseName`. */
  readonly name: string;
  /** `HangupCause`, the switch's word. */
  readonly cause: string;
  /** `CallStatus` of a call that was not answered; one that was is `completed`. */
  readonly status: CallStatus;
}

const invalid = (name: string): Cause => ({ name, cause: "NORMAL_CLEARING", status: "failed" });

/** Hangup causes by code. Source: Plivo's hangup causes page (carriers' fact sheet §2.3). */
export const CAUSES: Readonly<Record<number, Cause>> = {
  1000: { name: "Cancelled", cause: "ORIGINATOR_CANCEL", status: "cancel" },
  2000: { name: "Invalid Destination Address", cause: "INVALID_NUMBER_FORMAT", status: "failed" },
  3000: { name: "No Answer", cause: "NO_ANSWER", status: "no-answer" },
  3010: { name: "Busy Line", cause: "USER_BUSY", status: "busy" },
  3020: { name: "Rejected", cause: "CALL_REJECTED", status: "busy" },
  3030: { name: "Forbidden", cause: "CALL_REJECTED", status: "failed" },
  3050: { name: "Unallocated Number", cause: "UNALLOCATED_NUMBER", status: "failed" },
  4000: { name: "Normal Hangup", cause: "NORMAL_CLEARING", status: "completed" },
  4010: { name: "End Of XML Instructions", cause: "NORMAL_CLEARING", status: "completed" },
  4020: { name: "Scheduled Hangup", cause: "ALLOTTED_TIMEOUT", status: "completed" },
  6010: { name: "Ring Timeout", cause: "NO_ANSWER", status: "timeout" },
  7011: invalid("Error Reaching Answer URL"),
  7012: invalid("Error Reaching Action URL"),
  7013: invalid("Error Reaching Transfer URL"),
  7014: invalid("Error Reaching Redirect URL"),
  8011: invalid("Invalid Answer XML"),
  8012: invalid("Invalid Action XML"),
  8013: invalid("Invalid Transfer XML"),
  8014: invalid("Invalid Redirect XML"),
  9100: { name: "Machine Detected", cause: "NORMAL_CLEARING", status: "completed" },
};

/** How a call ended. */
export interface CallEnd {
  readonly by: "callee" | "api" | "document" | "carrier";
  readonly code: number;
  readonly source: HangupSource;
  readonly status: CallStatus;
}
