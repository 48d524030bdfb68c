/** The servers that have an image. */
export const imageNames = ['mariadb', 'postgres', 'redis'] as const;

export type ImageName = (typeof imageNames)[number];

/** Of which version: the one this machine has, or the same programs told to be the next major version. */
export type ImageVersion = 'next' | 'own';

/** What an image consists of; made by the file of each server. */
export interface Image {
  /** Such as `addons-test/redis:7`. */
  tag: string;
  /** Programs of this machine, by absolute path; they get the same path in the image, and their libraries come along. */
  programs: string[];
  /** Other files and directories of this machine, by absolute path. */
  files: string[];
  /** Paths below those directories that are left out. */
  without?: RegExp;
  /** Libraries the server loads by itself: what they need comes along. */
  modules?: string[];
  /** Files written for the image: path → text. */
  texts: Record<string, string>;
  /** Links: path → target. */
  links?: Record<string, string>;
  /** The server's own user; has the id 999. */
  user: string;
  /** Directories made for it: path → mode. */
  directories: Record<string, number>;
  /** Bytes replaced in the programs, to tell another version. */
  replace?: [from: string, to: string][];
  /** The entrypoint's text. */
  entrypoint: string;
  config: { Cmd: string[]; Env: string[]; Volumes: string[]; Port: number; StopSignal?: string; WorkingDir?: string };
}
