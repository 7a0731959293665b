/** `outbound`: which calls are refused. */

import { issue, type ConfigIssue } from "./issues.ts";
import { flag, integer, words } from "./option.ts";
import { Type } from "./shape.ts";

const DAY_MINUTES = 1_440;

const guardDefaults = {
  allowEmergency: false,
  allowPremium: false,
  allowTo: [],
  maxCallsPerHour: 0,
  maxMinutesPerDay: 0,
} as const;

/** Telephone number in E.164 form, or the beginning of one and an asterisk. */
const NUMBER_OR_BEGINNING = "^\\+[1-9](?:[0-9]{0,13}\\*|[0-9]{1,14})$";
const CLOCK = "^(?:[01][0-9]|2[0-3]):[0-5][0-9]$";
const CLOCK_FORM = "a time of day from 00:00 to 23:59, such as 22:00";

const clock = (title: string, description: string) =>
  Type.String({ title, description, pattern: CLOCK, "x-option": { form: CLOCK_FORM, placeholder: "22:00" } });

const quietHoursSchema = Type.Object(
  {
    start: clock("From", "Local time at which they begin."),
    end: clock("Until", "Local time at which they end; on the next day when it is not after the start."),
    timeZone: Type.Optional(
      Type.String({
        title: "Time zone",
        description: "Whose clock counts, as a name of the IANA database. Clock changes are followed.",
        minLength: 1,
        "x-option": { otherwise: "the machine's zone", placeholder: "Europe/Berlin" },
      }),
    ),
  },
  {
    additionalProperties: false,
    title: "Quiet hours",
    description:
      "Hours of every day in which no call is placed, so that nobody is woken by a schedule or a confused agent. Unset: none. An allowed emergency number is dialled all the same.",
  },
);

export const guardOptions = {
  allowEmergency: flag(
    "Allow emergency numbers",
    "Dials emergency numbers and other short codes. Off by default, because an agent that misreads a page must not call the police, and carriers charge for false alarms. Every use is logged.",
    { fallback: guardDefaults.allowEmergency, dangerous: true },
  ),
  allowPremium: flag(
    "Allow expensive numbers",
    "Dials premium-rate, shared-cost and satellite numbers. Off by default, because they are what call fraud lives on. Every use is logged.",
    { fallback: guardDefaults.allowPremium, dangerous: true },
  ),
  allowTo: words(
    "Allowed callees",
    "Numbers that may be called: E.164, or the beginning of a number and an asterisk, such as +49*. Empty: everybody, so that the plugin works before it is tuned. toNumber has to be on the list too.",
    {
      pattern: NUMBER_OR_BEGINNING,
      form: "a telephone number in E.164 form, or its beginning and an asterisk, such as +49*",
      fallback: guardDefaults.allowTo,
    },
  ),
  maxCallsPerHour: integer(
    "Calls per hour",
    "Outbound calls that may be placed within any 60 minutes, failed ones included; 0 is no limit. Counted from the call records, so a restart does not start it afresh.",
    { minimum: 0, maximum: 10_000, fallback: guardDefaults.maxCallsPerHour },
  ),
  maxMinutesPerDay: integer(
    "Minutes per day",
    "Minutes of talk on outbound calls within any 24 hours after which no call is placed; 0 is no limit. Running calls count up to now and are not cut off; maxDurationSeconds ends them.",
    { minimum: 0, maximum: DAY_MINUTES * 1_000, fallback: guardDefaults.maxMinutesPerDay },
  ),
  quietHours: Type.Optional(quietHoursSchema),
};

export interface QuietHours {
  /** `HH:MM`. */
  readonly start: string;
  readonly end: string;
  /** IANA; undefined = the machine's. */
  readonly timeZone?: string;
}

export interface GuardsConfig {
  readonly allowEmergency: boolean;
  readonly allowPremium: boolean;
  /** E.164, or the beginning of a number and `*`; empty = everybody. */
  readonly allowTo: readonly string[];
  /** 0 = no limit. */
  readonly maxCallsPerHour: number;
  /** 0 = no limit. */
  readonly maxMinutesPerDay: number;
  readonly quietHours: QuietHours | undefined;
}

export function resolveGuards(user: Partial<GuardsConfig>): GuardsConfig {
  return {
    allowEmergency: user.allowEmergency ?? guardDefaults.allowEmergency,
    allowPremium: user.allowPremium ?? guardDefaults.allowPremium,
    allowTo: [...new Set(user.allowTo)],
    maxCallsPerHour: user.maxCallsPerHour ?? guardDefaults.maxCallsPerHour,
    maxMinutesPerDay: user.maxMinutesPerDay ?? guardDefaults.maxMinutesPerDay,
    quietHours: user.quietHours,
  };
}

/** What the schema cannot refuse. */
export function guardConflicts({ quietHours }: GuardsConfig): ConfigIssue[] {
  if (quietHours === undefined) return [];
  const path = ["outbound", "quietHours"];
  const issues: ConfigIssue[] = [];
  if (quietHours.start === quietHours.end) {
    issues.push(
      issue([...path, "end"], "is the same as start", "Choose two times, or leave quietHours out for none."),
    );
  }
  if (quietHours.timeZone !== undefined && !isTimeZone(quietHours.timeZone)) {
    issues.push(
      issue([...path, "timeZone"], "is no time zone that is known here", "Write it as Europe/Berlin."),
    );
  }
  return issues;
}

/** Limits that are set and cannot hold. */
export function guardDoubts(guards: GuardsConfig, retentionDays: number): ConfigIssue[] {
  if (retentionDays > 0 || (guards.maxCallsPerHour === 0 && guards.maxMinutesPerDay === 0)) return [];
  return [
    issue(
      ["retentionDays"],
      "is 0, so the calls that outbound.maxCallsPerHour and outbound.maxMinutesPerDay count are forgotten",
      "Set it to 1 or more.",
    ),
  ];
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
