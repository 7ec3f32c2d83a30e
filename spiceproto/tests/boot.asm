; Started by firmware from a disc: says so, then reads BLOCKS blocks from block FIRST on and says the sum of their words.
bits 16
org 0x7C00

        xor ax, ax
        mov ds, ax
        mov ss, ax
        mov sp, 0x7C00
        mov [drive], dl
        mov si, started
        call say

next:   mov ax, [left]
        test ax, ax
        jz done
        cmp ax, 16
        jbe few
        mov ax, 16
few:    mov [request + 2], ax
        sub [left], ax
        mov ah, 0x42
        mov dl, [drive]
        mov si, request
        int 0x13
        jc failed
        mov ax, 0x1000
        mov es, ax
        xor di, di
        movzx ecx, word [request + 2]
        add [request + 8], ecx
        shl cx, 9
word_:  mov eax, [es:di]
        add [sum], eax
        add di, 4
        dec cx
        jnz word_
        jmp next

done:   mov si, summed
        call say
        mov cx, 8
digit:  rol dword [sum], 4
        mov al, [sum]
        and al, 15
        add al, '0'
        cmp al, '9'
        jbe plain
        add al, 'a' - '0' - 10
plain:  call put
        loop digit
        mov al, 10
        call put
        jmp stop

failed: mov si, broken
        call say
stop:   hlt
        jmp stop

say:    lodsb
        test al, al
        jz said
        call put
        jmp say
said:   ret

put:    mov dx, 0x3F8
        out dx, al
        ret

started db "CD OK", 10, 0
summed  db "SUM ", 0
broken  db "READ FAILED", 10, 0
drive   db 0
left    dw BLOCKS
sum     dd 0
align 4
request db 16, 0
        dw 0, 0, 0x1000
        dd FIRST, 0
times 2048 - ($ - $$) db 0
