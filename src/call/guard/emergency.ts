/**
 * Numbers that ring at the police, the fire brigade or an ambulance. The lists follow the short-number metadata of
 * libphonenumber 9 (Apache-2.0, resources/ShortNumberMetadata.xml, `emergency`), all territories of a calling code
 * taken together.
 */
import { callingCodeOf, matches, readTable } from "./table.ts";

/** Mobile networks lead these to the local service in any country (3GPP TS 22.101, 10.1.1; 999 by custom). */
const EVERYWHERE = ["112", "911", "999"];

/** Calling code, then the national emergency numbers besides `EVERYWHERE`; `?` is any digit. */
const NATIONAL = readTable(`
  1 110 119 211 311 333 511 919 990
  20 122 123 180
  212 15 177 19
  213 14 17
  216 190 197 198
  218 190 191 193
  220 116 117 118 16 17 18
  221 17 18
  222 17 18
  223 15 17 18
  225 110 111 170 180
  226 17 18
  227 118 15 17 18
  228 117 118 171 172 177
  229 114 116 117 118
  230 114 115 995
  231 355
  232 019
  233 191 192 193
  234 199
  235 17 18
  236 117 118 1220
  237 113 117 13 17
  238 130 131 132
  241 13?? 1730
  242 117 118
  243 113 114 118 177 188
  244 113 115
  245 113 117 118
  250 111
  251 91 92 93 939 991 997
  252 555 888
  253 17 18
  254 114
  255 110 111 114 115
  257 113 117
  258 117 119 197 198
  260 991 993
  261 117 118 17 18
  262 15 17 18
  263 993 994 995
  265 199 997 998
  266 115 117
  267 997 998
  269 17 18
  291 113 114 116
  297 100
  298 114
  30 100 166 199
  32 100 101
  33 15 17 18
  34 085 088
  350 190 199
  351 115
  352 113
  355 127 128 129
  357 199
  359 150 160 166
  36 104 105 107
  370 011 022 033 101 102 103
  371 110 113
  372 110
  373 901 902 903
  374 101 102 103
  375 101 102 103
  376 110 116 118
  377 15 17 18
  378 113 115 118
  380 101 102 103
  381 92 93 94
  382 122 123 124
  383 192 193 194
  385 192 193 194 93 94
  386 113
  387 122 123 124
  389 192 193 194
  39 113 115 118
  41 117 118 144
  420 15?
  421 150 155 158
  423 117 118 144
  43 122 133 144
  45 114
  47 110 113
  48 997 998
  49 110
  501 90 990
  502 110 120 123
  503 913
  504 199
  505 115 118 120 128
  508 15 17 18
  509 114 118
  51 105 116 117
  52 060 065 066 068 080
  53 104 105 106
  54 100 101 107
  55 128 190 192 193
  56 131 132 133
  57 119 123 132 156
  58 171
  590 15 17 18
  591 110 118 119
  592 912 913
  593 101 102
  594 15 17 18
  595 128
  596 15 17 18
  597 115
  598 128
  61 000 106
  62 110 113 118 119
  63 117
  64 111
  65 993 995
  66 1669 191 199
  670 115
  672 955 977
  673 991 993 995
  674 110 111
  675 000 110 111
  676 922 933
  679 917
  681 15 17 18
  682 996 998
  685 994 995 996
  686 192 193 194 195 992 993 994
  687 15 16 17 18
  689 15 17 18
  7 101 102 103
  81 110 119
  82 119
  84 113 114 115
  850 119 819
  852 992
  855 117 118 119 666
  856 190 191 195
  86 110 119 120
  880 100 101 102 199
  886 110 119
  90 110 155
  91 100 101 102 108 1298 2611
  92 1122 115 15 16
  93 100 102 119
  94 110 116 118 119
  95 199
  960 102 118 119
  961 140 175
  962 191 192 197
  963 110 113
  964 100 104 115 122
  966 997
  967 191 194 195 199
  968 1444 9999
  970 100 101 102
  971 997 998
  972 100 101 102
  973 199
  975 110 113
  976 100 101 102 103 105
  977 100 101 102 103
  98 110 115 125
  992 101 102 103
  994 101 102 103
  995 011 022 033 111 113 122
  996 101 102 103
  998 001 002 003 050
`);

/** Calling codes without an emergency number of their own besides `EVERYWHERE`. */
const OTHERS = `
  211 224 239 240 246 247 248 249 256 264 268 27 290 299 31 353 354 356 358 40 44 46 500 506 507 599
  60 677 678 680 683 688 690 691 692 853 965 974 993
`;

const codes = new Set([...NATIONAL.keys(), ...OTHERS.trim().split(/\s+/)]);

/** A number of 2 to 4 digits reaches no subscriber anywhere: it is an emergency number or another short code. */
const SHORT_CODE = /^\d{2,4}$/;
/** No area code of the North American plan is 911, and a switch may connect before the rest is dialled. */
const NORTH_AMERICAN = /^\+1911/;

/**
 * Whether `number` (digits, perhaps after a plus sign) is an emergency number: any bare short code, or a national
 * emergency number behind its country code, with or without the trunk zero.
 */
export function isEmergencyNumber(number: string): boolean {
  if (SHORT_CODE.test(number) || NORTH_AMERICAN.test(number)) return true;
  if (!/^\+\d{3,8}$/.test(number)) return false;
  const digits = number.slice(1);
  if (EVERYWHERE.includes(digits)) return true;
  const code = callingCodeOf(digits, codes);
  if (code === null) return false;
  const national = digits.slice(code.length);
  const known = [...EVERYWHERE, ...(NATIONAL.get(code) ?? [])];
  return known.some((one) => matches(one, national) || `0${one}` === national);
}
