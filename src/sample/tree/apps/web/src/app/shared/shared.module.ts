import { CommonModule } from '@angular/common';
import { NgModule } from '@angular/core';
import { ReactiveFormsModule } from '@angular/forms';
import { TranslateModule } from '@ngx-translate/core';

import { ConfirmationDialogComponent } from './components/confirmation-dialog/confirmation-dialog.component';
import { DataTableComponent } from './components/data-table/data-table.component';
import { ErrorDisplayComponent } from './components/error-display/error-display.component';
import { LoadingSpinnerComponent } from './components/loading-spinner/loading-spinner.component';
import { AutoFocusDirective } from './directives/auto-focus.directive';
import { SafeUrlPipe } from './pipes/safe-url.pipe';
import { TruncatePipe } from './pipes/truncate.pipe';

const PARTS = [
  ConfirmationDialogComponent,
  DataTableComponent,
  ErrorDisplayComponent,
  LoadingSpinnerComponent,
  AutoFocusDirective,
  SafeUrlPipe,
  TruncatePipe,
];

@NgModule({
  declarations: PARTS,
  imports: [CommonModule, ReactiveFormsModule, TranslateModule],
  exports: [...PARTS, CommonModule, ReactiveFormsModule, TranslateModule],
})
export class SharedModule {}
