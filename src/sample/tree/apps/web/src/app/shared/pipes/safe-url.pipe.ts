import { Pipe, PipeTransform } from '@angular/core';

/** Passes http and https addresses on, and turns anything else (`javascript:` …) into `#`. */
@Pipe({ name: 'safeUrl' })
export class SafeUrlPipe implements PipeTransform {
  transform(value: string | null | undefined): string {
    try {
      const url = new URL(value ?? '', window.location.origin);
      return ['http:', 'https:'].includes(url.protocol) ? url.href : '#';
    } catch {
      return '#';
    }
  }
}
