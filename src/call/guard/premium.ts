/**
 * Numbers for which the caller pays more than for a call to a landline or mobile: premium rate, shared cost and
 * satellite. Condensed from the numbering metadata of libphonenumber (Apache-2.0, resources/PhoneNumberMetadata.xml):
 * `premiumRate` of every plan as far as digits tell it from ordinary numbers, `sharedCost` where the caller's share may
 * exceed an ordinary call (Austria, Belgium, France and overseas, Great Britain, Germany, Italy, Spain, Switzerland).
 * Numbers at a local rate (1300 in Australia, 400 in China, …) are ordinary. Beyond it: 976 as an exchange of the North
 * American plan and 905 in Spain (televoting), and the shared codes that ITU-T E.164 lists as assigned: 808, 878, 883,
 * 979, and 870, 881, 882 for satellites.
 */
import { callingCodeOf, readTable, startsLike } from "./table.ts";

/**
 * Calling code, then beginnings of national numbers. `?` is any digit, `:n` means only numbers of n national digits, a
 * leading `-` takes an exception out. The longest beginning decides.
 */
const RANGES = readTable(`
  1 900 ???976 -800976 -833976 -844976 -855976 -866976 -877976 -888976
  20 900
  212 89
  213 803 804 805 806 808 809
  216 88
  221 884 886 888 889
  227 09
  230 30
  231 332
  236 8776
  240 90
  242 80
  248 85
  250 900
  254 900
  255 90
  256 90
  262 81 82 89
  264 8701
  267 90
  268 900
  27 862 863 864 865 866 867 868 869 90 91 92
  297 900
  298 90
  30 901 909
  31 90
  32 90 70 7879
  33 81 82 836 89
  34 803 806 807 901 902 905 907
  351 601 607 608 646 648 760 761 762
  352 900 901 905
  353 15:10
  354 90
  355 900
  356 51 52
  357 900 909
  358 600 700
  359 90
  36 90 91
  370 900 902 903 909 910
  371 90
  372 900
  373 900 905 906
  374 900 901 906
  375 810 902
  376 9
  378 71 77 78
  380 900
  381 78 90
  382 94 95
  383 900
  385 60 61 64 65 69
  386 89 90
  387 90 92 94 96
  389 5
  39 144 163 164 166 84 892 893 894 895 899
  40 900 901 903 906
  41 900 901 906 84
  420 90 976
  421 900 97 98
  423 900 901 906
  43 810 820 821 828 900 901 93
  44 9 84 87
  45 90
  46 649 900 939 944 99
  47 820 829
  48 70
  49 137 138 180 900
  502 19:11
  503 900
  506 90
  507 822 855 860 877 878 886 900 981
  51 805
  52 900
  54 600 604 605 607 609
  55 500 900
  57 901 1900 1901 1947 1948
  58 900 901
  590 81 82 89
  592 9008
  594 81 82 89
  596 81 82 89
  597 90
  598 90
  60 1600:10
  61 190
  62 809
  64 90
  65 1900:11
  66 1900:10
  670 90
  687 36
  7 803 809
  808 *
  81 990
  82 60
  84 1900
  852 900
  855 1900:10
  878 *
  883 *
  886 20
  90 888 898 900
  92 900
  960 900:10
  961 90:8 91:8
  962 9
  966 925
  968 900
  971 900
  972 190:10 1919:10 1212:8 1200:10
  973 87 90 91 92 93 94 95 96 97 98
  979 *
  994 900
`);

const SATELLITE = ["870", "881", "882"];
/** Calling codes of which every number is expensive. */
const WHOLE = ["808", "878", "883", "979"];

interface Range {
  readonly beginning: string;
  /** Digits of the national number; null = any. */
  readonly length: number | null;
  readonly expensive: boolean;
}

const ranges = new Map(
  [...RANGES].map(([code, patterns]) => [code, patterns.map(readRange).toSorted(longestFirst)]),
);

/** What makes an E.164 number expensive, or null for an ordinary one. */
export function expenseOf(number: string): "premium" | "satellite" | null {
  const digits = number.slice(1);
  if (SATELLITE.some((code) => digits.startsWith(code))) return "satellite";
  if (WHOLE.some((code) => digits.startsWith(code))) return "premium";
  const code = callingCodeOf(digits, ranges);
  if (code === null) return null;
  const national = digits.slice(code.length);
  const found = ranges
    .get(code)
    ?.find(
      ({ beginning, length }) =>
        startsLike(beginning, national) && (length === null || length === national.length),
    );
  return found?.expensive === true ? "premium" : null;
}

function readRange(pattern: string): Range {
  const expensive = !pattern.startsWith("-");
  const [beginning = "", length] = pattern.slice(expensive ? 0 : 1).split(":");
  return { beginning, length: length === undefined ? null : Number(length), expensive };
}

/** Of two beginnings of one length the exception comes first. */
function longestFirst(a: Range, b: Range): number {
  return b.beginning.length - a.beginning.length || Number(a.expensive) - Number(b.expensive);
}
