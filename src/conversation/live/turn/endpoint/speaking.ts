import type { Strategy } from "./utterance.ts";

/** Nobody is cut off while speaking, unless the voice is a noise that brings no words. */
export const stillSpeaking: Strategy = ({ speakingSince, wordsAt, noiseMs }) =>
  speakingSince === null ? null : Math.max(speakingSince, wordsAt) + noiseMs;
