import { Pipe, PipeTransform } from '@angular/core';
import { truncate } from '@tech-platform/shared-utils';

@Pipe({ name: 'truncate' })
export class TruncatePipe implements PipeTransform {
  transform(value: string | null | undefined, length = 80): string {
    return truncate(value ?? '', length);
  }
}
